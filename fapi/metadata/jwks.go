package metadata

import "time"

// JWKSMaxAge is the max-age with which JWK sets and metadata are published: how long
// anybody may go on with an older set. A key is therefore published for longer than this
// before it is used (CRY-8).
const JWKSMaxAge = 5 * time.Minute
