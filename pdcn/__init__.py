"""PDCN Explorer: should cross and deep network stand one after the other, or side by side?

    config       every setting, once          files        where things are kept
    datasets     raw data to a Dataset        nn           cross layers, wirings, the model
    training     one arm from one seed        evaluation   ranks, metrics, intervals, the verdict
    analysis     what towers learned          studies      runs, jobs and their store
    figures      frames to pictures           ui           pictures to pages
    cli          python -m pdcn

Imports run one way: a part knows those before it in this list, but figures know no studies.
"""
