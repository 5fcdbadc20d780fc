"""The model of the optional part, in eight bits: `python meaning_model.py WEIGHTS MODEL`.

WEIGHTS: model.safetensors of all-MiniLM-L6-v2. MODEL: the ONNX file to write. One text at a time,
so nothing is padded: word pieces in, the mean of their last states out, 384 numbers. Weights are
int8 with a scale for each column, and of 7 bits, since older processors saturate with 8.
Runs in an environment of its own, with onnx and numpy: see `scripts/meaning`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

LAYERS, HEADS, WIDTH, LENGTH = 6, 12, 384, 256  # LENGTH: word pieces that it was trained for
HEAD = WIDTH // HEADS
WEIGHT_MAX = 63
OPSET = 20


def main(weights: Path, model: Path) -> None:
    """Read the weights, write the model."""
    model.write_bytes(Graph(read(weights)).model().SerializeToString(deterministic=True))


def read(path: Path) -> dict[str, np.ndarray]:
    """Tensors of a file in the safetensors format, by name."""
    plain = path.read_bytes()
    start = 8 + int.from_bytes(plain[:8], "little")
    listed = json.loads(plain[8:start])
    listed.pop("__metadata__", None)
    found = {}
    for name, each in listed.items():
        first, last = each["data_offsets"]
        kind = {"F32": "<f4", "I64": "<i8"}[each["dtype"]]
        numbers = np.frombuffer(plain[start + first : start + last], kind)
        found[name] = numbers.reshape(each["shape"])
    return found


class Graph:
    """BERT's encoder, node by node. Source: Devlin and others (2019); Wang and others (2020)."""

    def __init__(self, tensors: dict[str, np.ndarray]) -> None:
        self.tensors = tensors
        self.nodes: list[Any] = []
        self.kept: list[Any] = []

    def model(self) -> ModelProto:
        """The whole model: `pieces`, int64, to `mean`, float32."""
        states = self._embedded()
        for number in range(LAYERS):
            states = self._layer(states, f"encoder.layer.{number}.")
        axis = self._kept("first", np.array([0], np.int64))
        self._node("ReduceMean", [states, axis], "mean", keepdims=0)
        pieces = helper.make_tensor_value_info("pieces", TensorProto.INT64, ["length"])
        mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, [WIDTH])
        graph = helper.make_graph(self.nodes, "meaning", [pieces], [mean], self.kept)
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=9, producer_name="")

    def _embedded(self) -> str:
        words = self.tensors["embeddings.word_embeddings.weight"]
        scales = np.abs(words).max(axis=1, keepdims=True) / 127
        rows = self._node(
            "Gather", [self._kept("words", np.rint(words / scales).astype(np.int8)), "pieces"]
        )
        scale = self._node("Gather", [self._kept("scales", scales.astype(np.float32)), "pieces"])
        found = self._node("Mul", [self._node("Cast", [rows], to=TensorProto.FLOAT), scale])
        places = self.tensors["embeddings.position_embeddings.weight"][:LENGTH]
        places = places + self.tensors["embeddings.token_type_embeddings.weight"][0]
        zero = self._kept("zero", np.array([0], np.int64))
        until = self._node("Shape", ["pieces"])
        here = self._node("Slice", [self._kept("places", places), zero, until])
        return self._normed(self._node("Add", [found, here]), "embeddings.LayerNorm")

    def _layer(self, states: str, name: str) -> str:
        attended = self._attended(states, f"{name}attention.")
        states = self._normed(
            self._node("Add", [states, attended]), f"{name}attention.output.LayerNorm"
        )
        inner = self._node("Gelu", [self._linear(states, [f"{name}intermediate.dense"])])
        outer = self._linear(inner, [f"{name}output.dense"])
        return self._normed(self._node("Add", [states, outer]), f"{name}output.LayerNorm")

    def _attended(self, states: str, name: str) -> str:
        parts = [f"{name}self.{part}" for part in ("query", "key", "value")]
        together = self._node(
            "Reshape",
            [
                self._linear(states, parts),
                self._kept("heads", np.array([-1, 3, HEADS, HEAD], np.int64)),
            ],
        )
        turned = self._node("Transpose", [together], perm=[1, 2, 0, 3])
        query, key, value = (
            self._node("Gather", [turned, self._kept(f"part{part}", np.array(part, np.int64))])
            for part in range(3)
        )
        likeness = self._node("MatMul", [query, self._node("Transpose", [key], perm=[0, 2, 1])])
        narrowed = self._kept("narrowed", np.array(HEAD**-0.5, np.float32))
        shares = self._node("Softmax", [self._node("Mul", [likeness, narrowed])], axis=-1)
        mixed = self._node("Transpose", [self._node("MatMul", [shares, value])], perm=[1, 0, 2])
        wide = self._kept("wide", np.array([-1, WIDTH], np.int64))
        return self._linear(self._node("Reshape", [mixed, wide]), [f"{name}output.dense"])

    def _linear(self, states: str, names: list[str]) -> str:
        """States times weights in eight bits, plus a bias."""
        weights = np.concatenate([self.tensors[f"{name}.weight"] for name in names]).T
        bias = np.concatenate([self.tensors[f"{name}.bias"] for name in names])
        scales = np.abs(weights).max(axis=0) / WEIGHT_MAX
        small = self._kept(f"{names[0]}.weight", np.rint(weights / scales).astype(np.int8))
        outputs = [f"{names[0]}.{part}" for part in ("rounded", "step", "zero")]
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [states], outputs))
        rounded, step, zero = outputs
        product = self._node("MatMulInteger", [rounded, small, zero])
        scaled = self._node("Mul", [step, self._kept(f"{names[0]}.scales", scales)])
        found = self._node("Mul", [self._node("Cast", [product], to=TensorProto.FLOAT), scaled])
        return self._node("Add", [found, self._kept(f"{names[0]}.bias", bias)])

    def _normed(self, states: str, name: str) -> str:
        parts = [
            self._kept(f"{name}.{part}", self.tensors[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]
        return self._node("LayerNormalization", [states, *parts], axis=-1, epsilon=1e-12)

    def _kept(self, name: str, numbers: np.ndarray) -> str:
        if name not in [each.name for each in self.kept]:
            self.kept.append(numpy_helper.from_array(np.array(numbers, order="C"), name))
        return name

    def _node(self, kind: str, inputs: list[str], output: str = "", **given: Any) -> str:
        output = output or f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **given))
        return output


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
