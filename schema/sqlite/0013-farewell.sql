-- The number of an agent's farewell: a report made before it and heard after it is stored, and does not bring its host back.

ALTER TABLE host ADD COLUMN farewell_sequence INTEGER NULL;
