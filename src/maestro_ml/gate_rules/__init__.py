"""Rules of the gate: one a file, with its declaration, its reason and its judgement."""
