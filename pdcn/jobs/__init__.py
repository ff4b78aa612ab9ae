"""Work that goes on behind the pages: studies and analyses, asked for, carried out, watched."""
