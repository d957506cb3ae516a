#include "libcrypto.h"

#include <dlfcn.h>

// Values of openssl/rsa.h and openssl/crypto.h that are part of the stable interface.
#define RSA_PKCS1_PSS_PADDING 6
#define RSA_PSS_SALTLEN_DIGEST (-1)
#define OPENSSL_VERSION 0

static const char *(*version)(int);
static void *(*read_key)(void **, const unsigned char **, long);
static void (*free_key)(void *);
static void *(*new_context)(void *, void *);
static void (*free_context)(void *);
static int (*sign_init)(void *);
static int (*set_padding)(void *, int);
static int (*set_digest)(void *, const void *);
static int (*set_salt)(void *, int);
static const void *(*sha256)(void);
static int (*sign)(void *, unsigned char *, size_t *, const unsigned char *, size_t);
static void (*clear_errors)(void);

const char *strongroom_load(const char *name) {
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return "";
	struct { void **function; const char *name; } wanted[] = {
		{(void **)&version, "OpenSSL_version"},
		{(void **)&read_key, "d2i_AutoPrivateKey"},
		{(void **)&free_key, "EVP_PKEY_free"},
		{(void **)&new_context, "EVP_PKEY_CTX_new"},
		{(void **)&free_context, "EVP_PKEY_CTX_free"},
		{(void **)&sign_init, "EVP_PKEY_sign_init"},
		{(void **)&set_padding, "EVP_PKEY_CTX_set_rsa_padding"},
		{(void **)&set_digest, "EVP_PKEY_CTX_set_signature_md"},
		{(void **)&set_salt, "EVP_PKEY_CTX_set_rsa_pss_saltlen"},
		{(void **)&sha256, "EVP_sha256"},
		{(void **)&sign, "EVP_PKEY_sign"},
		{(void **)&clear_errors, "ERR_clear_error"},
	};
	for (size_t n = 0; n < sizeof wanted / sizeof *wanted; n++) {
		*wanted[n].function = dlsym(library, wanted[n].name);
		if (*wanted[n].function == NULL) return wanted[n].name;
	}
	return NULL;
}

const char *strongroom_version(void) { return version(OPENSSL_VERSION); }

void *strongroom_key(const unsigned char *der, long length) { return read_key(NULL, &der, length); }

void strongroom_free(void *key) { free_key(key); }

int strongroom_sign(void *key, const unsigned char *digest, size_t digest_length,
                    unsigned char *signature, size_t *length) {
	void *context = new_context(key, NULL);
	if (context == NULL) return 0;
	int ok = sign_init(context) == 1
	      && set_padding(context, RSA_PKCS1_PSS_PADDING) == 1
	      && set_digest(context, sha256()) == 1
	      && set_salt(context, RSA_PSS_SALTLEN_DIGEST) == 1
	      && sign(context, signature, length, digest, digest_length) == 1;
	free_context(context);
	// The queue of errors belongs to this thread, which Go gives to others.
	if (!ok) clear_errors();
	return ok;
}
