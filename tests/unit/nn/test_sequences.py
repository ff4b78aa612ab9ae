"""A sequence without an encoder: the mean over its actions of the sum of what their channels have."""

from __future__ import annotations

import numpy as np
import torch

from pdcn.config import Network
from pdcn.nn.embedding import FieldEmbedding
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import UNKNOWN, CategoryField, SequenceField


def test_an_action_is_the_sum_of_its_channels() -> None:
    kinds = CategoryField("type", "Type", (UNKNOWN, "click", "save"))
    field = SequenceField("did", "Did before", (UNKNOWN, "tea", "milk", "jam"), 2, (kinds,))
    shop = CategoryField("shop", "Shop", (UNKNOWN, "north"))
    codes = np.array([[1, 3, 1, 2, 1], [1, 2, 0, 1, 0], [1, 0, 0, 0, 0]], np.int32)
    table = Table((shop,), (), codes, np.zeros((3, 0), np.float32), (field,))
    embedding = FieldEmbedding(table, Network(embedding=4))
    torch.manual_seed(0)
    torch.nn.init.normal_(embedding.weight)
    out = embedding(torch.tensor(codes)).detach().double().numpy()

    shops, things, types = (part.detach().double().numpy() for part in embedding.every_table())
    expected = [
        [*shops[1], *((things[3] + types[2] + things[1] + types[1]) / 2)],
        [*shops[1], *(things[2] + types[1])],
        [*shops[1], *np.zeros(4)],
    ]
    np.testing.assert_allclose(out, expected, rtol=1e-6)
    assert [len(one) for one in embedding.tables()] == [2, 4]
    assert field.told(codes[0, 1:]) == "jam, tea"
