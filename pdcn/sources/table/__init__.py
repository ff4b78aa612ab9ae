"""A person's own data: files become a draft with guessed roles, a draft becomes a data set, a data set becomes events.

    draft = begin(Files("log.csv"))          # draft.py: files are read once, roles guessed with their reasons
    draft = edit(draft, roles={"price": "leave-out"}, split="random")
    problems(draft), preview(draft)          # problems.py, preview.py: before anything is trained
    import_data(draft, "mine")               # importing.py: all of it or nothing lies in the home afterwards

What is kept is read by `kept.py`, and `prepare.py` makes a dataset of it for `--data own --dataset mine`.
"""
