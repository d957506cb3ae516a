-- +goose Up
-- Under what tokens were issued. Kept until expires_at, then swept.
CREATE TABLE token_authorization (
    issuer           TEXT   NOT NULL,
    authorization_id TEXT   NOT NULL, -- one for each code: the row decides who spent it
    grant_id         TEXT   NOT NULL,
    client_id        TEXT   NOT NULL,
    attempt          TEXT   NOT NULL, -- the HTTP request that wrote the row
    created_at       BIGINT NOT NULL, -- unix milliseconds
    expires_at       BIGINT NOT NULL, -- unix milliseconds
    revoked_at       BIGINT,          -- unix milliseconds
    PRIMARY KEY (issuer, authorization_id)
);
CREATE INDEX token_authorization_expires ON token_authorization (expires_at);

-- +goose Down
DROP TABLE token_authorization;
