-- +goose Up
CREATE TABLE client (
	issuer                  TEXT    NOT NULL,
	client_id               TEXT    NOT NULL,
	-- Grows with each change of the row.
	generation              BIGINT  NOT NULL,
	active                  BOOLEAN NOT NULL,
	-- Effective client metadata, JSON (RFC 7591 section 2).
	document                TEXT    NOT NULL,
	-- base64url SHA-256 of the registration access token.
	registration_token_hash TEXT    NOT NULL,
	-- Unix seconds.
	created_at              BIGINT  NOT NULL,
	PRIMARY KEY (issuer, client_id)
);

-- +goose Down
DROP TABLE client;
