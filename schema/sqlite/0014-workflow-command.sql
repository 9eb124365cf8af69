-- The commands that a workflow waits for: it may wait for several hosts, with one command each.

CREATE TABLE workflow_command (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    workflow_id         INTEGER NOT NULL REFERENCES workflow (id) ON DELETE CASCADE,
    host_id             INTEGER NOT NULL,
    command_id          TEXT    NOT NULL,
    command             TEXT    NOT NULL,
    deadline            TEXT    NULL
);
CREATE UNIQUE INDEX uc_workflow_command__workflow_id__host_id ON workflow_command (workflow_id, host_id);
CREATE INDEX i_workflow_command__command_id ON workflow_command (command_id);
CREATE INDEX i_workflow_command__host_id ON workflow_command (host_id);
CREATE INDEX i_workflow_command__deadline ON workflow_command (deadline);

INSERT INTO workflow_command (workflow_id, host_id, command_id, command, deadline)
SELECT id, awaiting_host_id, awaiting_command_id, awaiting_command, deadline
FROM workflow
WHERE awaiting_host_id IS NOT NULL AND awaiting_command_id IS NOT NULL AND awaiting_command IS NOT NULL;
