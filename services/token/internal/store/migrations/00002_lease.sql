-- +goose Up
-- Which replica sweeps (platform/lease).
CREATE TABLE lease (
    name       TEXT   NOT NULL PRIMARY KEY, -- what is done under it
    holder     TEXT   NOT NULL,             -- random id of a replica
    expires_at BIGINT NOT NULL              -- unix milliseconds
);

-- +goose Down
DROP TABLE lease;
