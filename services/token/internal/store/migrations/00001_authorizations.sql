-- +goose Up
-- Under what tokens were issued. Kept until expires_at, then swept.
CREATE TABLE token_authorization (
    issuer           TEXT   NOT NULL,
    authorization_id TEXT   NOT NULL, -- one for each code: the row decides who spent it
    grant_id         TEXT   NOT NULL,
    client_id        TEXT   NOT NULL,
    subject          TEXT   NOT NULL,
    scopes           TEXT   NOT NULL, -- separated by spaces
    auth_time        BIGINT NOT NULL, -- unix seconds
    acr              TEXT   NOT NULL,
    amr              TEXT   NOT NULL, -- separated by spaces
    refresh_hash     TEXT,            -- SHA-256 of the refresh token, where there is one
    attempt          TEXT   NOT NULL, -- the HTTP request that wrote the row
    created_at       BIGINT NOT NULL, -- unix milliseconds
    expires_at       BIGINT NOT NULL, -- unix milliseconds
    revoked_at       BIGINT,          -- unix milliseconds
    PRIMARY KEY (issuer, authorization_id),
    UNIQUE (issuer, refresh_hash)
);
CREATE INDEX token_authorization_expires ON token_authorization (expires_at);

-- Single access tokens that were revoked. Kept until they would have expired.
CREATE TABLE token_revocation (
    issuer     TEXT   NOT NULL,
    token_id   TEXT   NOT NULL, -- jti
    expires_at BIGINT NOT NULL, -- unix milliseconds
    PRIMARY KEY (issuer, token_id)
);
CREATE INDEX token_revocation_expires ON token_revocation (expires_at);

-- +goose Down
DROP TABLE token_revocation;
DROP TABLE token_authorization;
