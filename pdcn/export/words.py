"""Every sentence that is said of what is taken out of a run."""

from pdcn.words import Sentence

TABLES = Sentence("tables (CSV)")
TABLES_SAID = Sentence("Every table of the run, for a spreadsheet.")
PARQUET = Sentence("tables (Parquet)")
PARQUET_SAID = Sentence("The same tables with exact numbers and types.")
WEIGHTS = Sentence("weights")
WEIGHTS_SAID = Sentence("The weights of every arm and seed as safetensors, with a loader of ten lines.")
PYTORCH = Sentence("PyTorch")
PYTORCH_SAID = Sentence("The model as one plain Python file, with weights and vocabularies.")
ONNX = Sentence("ONNX")
ONNX_SAID = Sentence("The model as ONNX files, checked before you get them. This takes up to a minute.")
FAISS = Sentence("item index")
FAISS_SAID = Sentence("The item vectors as a faiss index, with the names of the items.")
EXPERIMENT = Sentence("experiment")
EXPERIMENT_SAID = Sentence("The file that repeats the run: python -m pdcn compare --config experiment.json")
MLFLOW = Sentence("MLflow")
MLFLOW_SAID = Sentence(
    "Settings, curves and files as MLflow runs, one for each arm and seed. In the folder, "
    "mlflow ui --backend-store-uri sqlite:///mlflow.db shows them."
)
WANDB = Sentence("Weights & Biases, offline")
WANDB_SAID = Sentence("The same as offline runs of Weights & Biases, to upload with wandb sync.")
TENSORBOARD = Sentence("TensorBoard")
TENSORBOARD_SAID = Sentence("The same as event files, which tensorboard --logdir shows.")

CHOSEN = Sentence(
    "The model is {arm}, seed {seed}: {why}.",
    arm="parallel",
    seed=1,
    why="the arm with the highest recall@100, and its best seed on validation",
)
HIGHEST = Sentence("the arm with the highest {metric}, and its best seed on validation", metric="recall@100")
LOWEST = Sentence("the arm with the lowest {metric}, and its best seed on validation", metric="log loss")
ASKED = Sentence("the arm and seed that were asked for")
ASKED_ARM = Sentence("the arm that was asked for, and its best seed on validation")
NO_RESULT_YET = Sentence("the first arm and seed that have weights, since the run has no result")
NOT_APART = Sentence(
    "The verdict detects no difference between {arm} and {other}, so luck may have made this choice.",
    arm="parallel",
    other="sequential",
)

# what is said where something can't be taken out

NO_WEIGHTS = Sentence(
    "run: expected trained weights in {run}, but no arm has any yet; let the run finish, or train it again",
    run="'20261126-101010-abcd'",
)
NO_SUCH_ARM = Sentence(
    "--arm: expected an arm that has weights, {arms}; got {arm}", arms="parallel, sequential", arm="'deep'"
)
NO_SUCH_SEED = Sentence(
    "--seed: expected a seed of {arm} that has weights, {seeds}; got {seed}", arm="parallel", seeds="0, 1, 2", seed=7
)
NO_CURVES = Sentence(
    "run: expected curves of training in {run}, but it has none yet; let it train, or choose another run",
    run="'20261126-101010-abcd'",
)
IS_THERE = Sentence(
    "--out: expected no {file} in {folder}, but it is there; name another folder, or take it away",
    file="csv",
    folder="'taken'",
)
NO_SUCH_WAY = Sentence("--to: expected one of {known}; got {name}", known="csv, onnx", name="'excel'")
NOT_INSTALLED = Sentence(
    "--to {way}: expected the package {package}, but it is not installed; pip install -r {file}",
    way="mlflow",
    package="mlflow",
    file="requirements-trackers.txt",
)
ONNX_DIFFERS = Sentence(
    "onnx: expected the {side} tower of {arm} to give the same numbers in ONNX, but they are {apart:.1e} apart; take "
    "it as PyTorch instead",
    side="query",
    arm="parallel",
    apart=0.003,
)
NO_SOURCE = Sentence(
    "{part}: expected a part whose source can be read to write it as plain PyTorch, but {why}",
    part="OwnCross",
    why="could not get source code",
)
NOT_OF_NUMBERS = Sentence(
    "{part}: expected to be made of numbers and words to write it as plain PyTorch", part="OwnCross"
)
LEFT_OUT = Sentence("Left out: {ways}. {why}", ways="item index", why="A ranking model has no vectors.")
NOT_AS_PYTORCH = Sentence(
    "{part}: expected a part that can be written as plain PyTorch, got {kind}", part="cross", kind="a new kind"
)
