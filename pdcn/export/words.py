"""Every sentence that is said of what is taken out of a run."""

from pdcn.words import Sentence

TABLES = Sentence("tables (CSV)")
TABLES_SAID = Sentence("Every table of the run, for a spreadsheet.")
PARQUET = Sentence("tables (Parquet)")
PARQUET_SAID = Sentence("The same tables with exact numbers and types.")
WEIGHTS = Sentence("weights")
WEIGHTS_SAID = Sentence("The weights of every arm and seed as safetensors, with a loader of ten lines.")
PYTORCH = Sentence("PyTorch")
PYTORCH_SAID = Sentence("Both towers as one plain Python file, with weights and vocabularies.")
ONNX = Sentence("ONNX")
ONNX_SAID = Sentence("Both towers as ONNX files, checked before you get them. This takes up to a minute.")
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
    "The towers are those of {arm}, seed {seed}: {why}.",
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
