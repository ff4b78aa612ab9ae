"""Series of studies: the open questions, their answers, and how far the verdict can be trusted."""
