-- A host that comes back after it was deleted goes on from its last session: its older messages must not pass for new ones.

CREATE INDEX i_host__guid__session ON host (guid, session);
