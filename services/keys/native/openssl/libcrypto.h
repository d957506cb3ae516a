// What this package asks of libcrypto. No header of OpenSSL is needed: its types are
// opaque, and the functions are found by name.
#ifndef STRONGROOM_LIBCRYPTO_H
#define STRONGROOM_LIBCRYPTO_H

#include <stddef.h>

// strongroom_load answers NULL, or the name of a missing function; an empty one where
// the library itself is missing.
const char *strongroom_load(const char *name);
const char *strongroom_version(void);
void *strongroom_key(const unsigned char *der, long length);
void strongroom_free(void *key);
int strongroom_sign(void *key, const unsigned char *digest, size_t digest_length,
                    unsigned char *signature, size_t *length);

#endif
