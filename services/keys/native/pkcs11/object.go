package pkcs11

import (
	"errors"
	"fmt"

	"github.com/miekg/pkcs11"
)

// object names one half of a key pair in the token.
type object struct {
	class uint
	id    string
}

var errMissing = errors.New("the token does not hold the key: was it initialized anew, or is it another token?")

// find answers the handle of an object, which it remembers as long as the connection
// lasts.
func (d *device) find(c *connection, s pkcs11.SessionHandle, o object) (pkcs11.ObjectHandle, error) {
	if known, ok := c.objects.Load(o); ok {
		return known.(pkcs11.ObjectHandle), nil
	}
	ctx := d.library.ctx
	template := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, o.class),
		pkcs11.NewAttribute(pkcs11.CKA_ID, []byte(o.id)),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
	}
	if err := ctx.FindObjectsInit(s, template); err != nil {
		return 0, fmt.Errorf("find a key: %w", err)
	}
	found, _, err := ctx.FindObjects(s, 2)
	if final := ctx.FindObjectsFinal(s); err == nil {
		err = final
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("find a key: %w", err)
	case len(found) == 0:
		return 0, errMissing
	case len(found) > 1:
		return 0, errors.New("the token holds two keys of one id")
	}
	c.objects.Store(o, found[0])
	return found[0], nil
}

// flags are the attributes that keep a private key in the token, with the value that
// each must have.
var flags = []struct {
	attribute uint
	want      bool
	name      string
}{
	{pkcs11.CKA_SENSITIVE, true, "sensitive"},
	{pkcs11.CKA_ALWAYS_SENSITIVE, true, "always sensitive"},
	{pkcs11.CKA_EXTRACTABLE, false, "extractable"},
	{pkcs11.CKA_NEVER_EXTRACTABLE, true, "never extractable"},
	{pkcs11.CKA_LOCAL, true, "local"},
}

// checkKept makes sure that a private key was made in the token and cannot leave it.
func (d *device) checkKept(s pkcs11.SessionHandle, private pkcs11.ObjectHandle) error {
	for _, flag := range flags {
		got, err := d.library.ctx.GetAttributeValue(s, private, []*pkcs11.Attribute{pkcs11.NewAttribute(flag.attribute, nil)})
		if err != nil {
			return fmt.Errorf("ask the token whether the key is %s: %w", flag.name, err)
		}
		if is := len(got[0].Value) == 1 && got[0].Value[0] != 0; is != flag.want {
			return fmt.Errorf("the token says of the key %s: %t: it may have left the token, and is not used", flag.name, is)
		}
	}
	return nil
}
