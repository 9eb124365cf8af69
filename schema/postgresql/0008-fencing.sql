-- A host that fell silent has a time at which it is fenced next.

ALTER TABLE host ADD COLUMN fence_at timestamptz NULL;
CREATE INDEX i_host__status__fence_at ON host (status, fence_at);
