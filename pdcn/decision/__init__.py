"""Should I rewire my model? What a run and the bundled findings say, on one sheet, from records alone."""
