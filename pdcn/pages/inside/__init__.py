"""Inside: what each stage of a tower keeps, and what each branch contributes."""
