-- +goose Up
-- The trust framework that vouched for the client, and for which participant;
-- empty where nobody did.
ALTER TABLE client ADD COLUMN framework TEXT NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN participant TEXT NOT NULL DEFAULT '';
-- The software, where its framework lets it register once; else NULL.
ALTER TABLE client ADD COLUMN software_once TEXT;
-- The framework has suspended the participant. Who is not active was suspended
-- here.
ALTER TABLE client ADD COLUMN withdrawn BOOLEAN NOT NULL DEFAULT FALSE;
CREATE UNIQUE INDEX client_software_once ON client (issuer, framework, software_once);
CREATE INDEX client_participant ON client (issuer, framework, participant);

-- +goose Down
DROP INDEX client_participant;
DROP INDEX client_software_once;
ALTER TABLE client DROP COLUMN withdrawn;
ALTER TABLE client DROP COLUMN software_once;
ALTER TABLE client DROP COLUMN participant;
ALTER TABLE client DROP COLUMN framework;
