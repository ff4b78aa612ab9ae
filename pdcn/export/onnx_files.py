"""Both towers of one arm and seed as ONNX, run by onnxruntime once before they are handed out."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import torch

from pdcn.export import words as say
from pdcn.export.chosen import Chosen
from pdcn.nn.two_tower import SIDES
from pdcn.settings import SettingError
from pdcn.sources.schema import spaced

CHECKED, CLOSE = 32, 1e-4
"""Rows that both run, and how far any number of a vector may be apart: vectors have length one by default."""
NOISY = ("torch.onnx", "onnxscript", "onnx_ir")


def write(chosen: Chosen, out: Path) -> None:
    """query.onnx and item.onnx: codes (B, F) int64 and values (B, M) float32 -> vector (B, H)."""
    from onnxruntime import InferenceSession

    data = chosen.run.data
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    for side in SIDES:
        tower, rows = chosen.plain.module(side), data.queries if side == "query" else data.items
        codes, values = rows[torch.from_numpy(spaced(len(rows.codes), CHECKED))]
        path, codes = out / f"{side}.onnx", codes.long()
        batch = {0: torch.export.Dim("batch")}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                tower,
                (codes, values),
                path,
                input_names=["codes", "values"],
                output_names=["vector"],
                dynamic_shapes=(batch, batch),
                external_data=False,
                dynamo=True,
                verbose=False,
            )
        session = InferenceSession(path, providers=["CPUExecutionProvider"])
        taken = {one.name for one in session.get_inputs()}
        for few in (len(codes), 1):  # whatever the batch
            given = {"codes": codes[:few].numpy(), "values": values[:few].numpy()}
            (made,) = session.run(None, {name: one for name, one in given.items() if name in taken})
            apart = float(np.abs(made - tower(codes[:few], values[:few]).numpy()).max())
            if not apart <= CLOSE:
                raise SettingError(say.ONNX_DIFFERS(side=side, arm=chosen.arm, apart=apart))
