-- Keys take over from each other by time, and no longer by a state that somebody
-- has to change: of one issuer, purpose and algorithm the key in use is the last
-- generation that has begun, unless it was withdrawn. A new table, because SQLite
-- cannot change the old one.

-- +goose Up
CREATE TABLE issuer_key (
    issuer       TEXT   NOT NULL, -- name of the issuer
    kid          TEXT   NOT NULL,
    purpose      TEXT   NOT NULL, -- such as access_token
    alg          TEXT   NOT NULL, -- JWS algorithm, or JWE key management
    generation   BIGINT NOT NULL, -- 1, 2, … of one issuer, purpose and alg
    backend      TEXT   NOT NULL, -- which key backend made it
    created_at   BIGINT NOT NULL, -- Unix time in milliseconds, as the next two
    begins_at    BIGINT NOT NULL, -- published before, used from then on
    withdrawn_at BIGINT NOT NULL, -- 0 for a key that was not
    reason       TEXT   NOT NULL, -- why it was withdrawn
    public_jwk   TEXT   NOT NULL,
    handle       BYTEA  NOT NULL, -- opaque to all but the key backend; empty once withdrawn
    PRIMARY KEY (issuer, kid),
    -- Replicas that make a key together agree by this: one of them writes.
    UNIQUE (issuer, purpose, alg, generation)
);

INSERT INTO issuer_key (issuer, kid, purpose, alg, generation, backend, created_at, begins_at, withdrawn_at, reason, public_jwk, handle)
SELECT issuer, kid, purpose, alg,
       ROW_NUMBER() OVER (PARTITION BY issuer, purpose, alg ORDER BY CASE state WHEN 'active' THEN 1 ELSE 0 END, created_at, kid),
       'software', created_at, created_at, 0, '', public_jwk, handle
FROM signing_key;

DROP TABLE signing_key;

CREATE TABLE lease (
    name       TEXT   NOT NULL PRIMARY KEY, -- what is done under it
    holder     TEXT   NOT NULL,             -- random id of a replica
    expires_at BIGINT NOT NULL              -- Unix time in milliseconds
);

-- +goose Down
DROP TABLE lease;
DROP TABLE issuer_key;
