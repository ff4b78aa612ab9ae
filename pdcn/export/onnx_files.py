"""The towers of one arm and seed as ONNX, run by onnxruntime once before they are handed out."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import numpy as np
import torch

from pdcn.config import JOINT
from pdcn.export import words as say
from pdcn.export.chosen import Chosen
from pdcn.settings import SettingError

CHECKED, CLOSE = 32, 1e-4
"""Rows that both run, and how far any number of a vector may be apart: vectors have length one by default."""
NOISY = ("torch.onnx", "onnxscript", "onnx_ir")


def write(chosen: Chosen, out: Path) -> None:
    """query.onnx and item.onnx: codes (B, F) int64 and values (B, M) float32 -> vector (B, H).

    Of a ranking model joint.onnx, whose rows have the fields of a query and an item -> logit (B,).
    """
    from onnxruntime import InferenceSession

    for name in NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    for side in chosen.plain.tables:
        tower, path = chosen.plain.module(side), out / f"{side}.onnx"
        codes, values, _ = chosen.checked(side, CHECKED)
        batch = {0: torch.export.Dim("batch")}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                tower,
                (codes, values),
                path,
                input_names=["codes", "values"],
                output_names=["logit" if side == JOINT else "vector"],
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
