-- +goose Up
CREATE TABLE signing_key (
    issuer     TEXT   NOT NULL, -- name of the issuer
    kid        TEXT   NOT NULL,
    purpose    TEXT   NOT NULL, -- access_token or id_token
    alg        TEXT   NOT NULL, -- JWS algorithm
    state      TEXT   NOT NULL CHECK (state IN ('active', 'retired')),
    created_at BIGINT NOT NULL, -- Unix time in milliseconds
    public_jwk TEXT   NOT NULL,
    handle     BYTEA  NOT NULL, -- opaque to all but the key backend
    PRIMARY KEY (issuer, kid)
);

-- Replicas that start together agree by this: one of them writes.
CREATE UNIQUE INDEX signing_key_active ON signing_key (issuer, purpose, alg) WHERE state = 'active';

-- +goose Down
DROP TABLE signing_key;
