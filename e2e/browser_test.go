//go:build e2e

package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

const (
	// chromiumVariable names the browser; by default chromium is looked for.
	chromiumVariable = "STRONGROOM_TEST_CHROMIUM"
	// shotsVariable names a folder for pictures of the pages; by default none is
	// taken.
	shotsVariable = "STRONGROOM_TEST_SHOTS"
	// browserTimeout bounds one test in the browser.
	browserTimeout = time.Minute
)

// tab is the one page of a browser.
type tab struct {
	context.Context
	t *testing.T
}

// chromium starts a real browser, without any cookie, which trusts the sandbox's
// certificates and finds the client's host on this machine.
func chromium(t *testing.T, s *rig.Suite) tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // root has no sandbox
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", "MAP "+clientHost+" 127.0.0.1"),
		chromedp.Flag("ignore-certificate-errors-spki-list", pins(t, s)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Env("TMPDIR="+t.TempDir()), // one that is killed leaves its lock there
		chromedp.WindowSize(900, 700),
	)
	if path := os.Getenv(chromiumVariable); path != "" {
		options = append(options, chromedp.ExecPath(path))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), browserTimeout)
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		cancelTab()
		cancelAllocator()
		cancel()
	})
	return tab{ctx, t}
}

// pins are the hashes of the public keys of the sandbox's servers.
func pins(t *testing.T, s *rig.Suite) string {
	t.Helper()
	certificates, err := s.Layout.CA.Server(nil)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, certificate := range certificates {
		sum := sha256.Sum256(certificate.Leaf.RawSubjectPublicKeyInfo)
		list = append(list, base64.StdEncoding.EncodeToString(sum[:]))
	}
	return strings.Join(list, ",")
}

func (b tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to an address. A browser that has just started may notice the
// machine's network only now, and drop the first page for it.
func (b tab) open(address string) {
	b.t.Helper()
	var err error
	for range 5 {
		if err = chromedp.Do(b, chromedp.Navigate(address)); err == nil || !strings.Contains(err.Error(), "ERR_NETWORK_CHANGED") {
			break
		}
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// shows waits until the page has an element of that id.
func (b tab) shows(id string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.ID(id)))
}

func (b tab) logIn(user string) {
	b.t.Helper()
	b.shows("login")
	b.do(
		chromedp.SendKeys(chromedp.ID("username"), user),
		chromedp.SendKeys(chromedp.ID("password"), user),
		chromedp.Click(chromedp.ID("login")),
	)
	b.shows("approve")
}

func (b tab) location() string {
	b.t.Helper()
	location, err := chromedp.Run(b, chromedp.Location())
	if err != nil {
		b.t.Fatal(err)
	}
	return location
}

func (b tab) text(id string) string {
	b.t.Helper()
	text, err := chromedp.Run(b, chromedp.Text(chromedp.ID(id)))
	if err != nil {
		b.t.Fatal(err)
	}
	return text
}

// shot keeps a picture where somebody wants to look at the pages.
func (b tab) shot(name string) {
	b.t.Helper()
	folder := os.Getenv(shotsVariable)
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// TestBrowserFlow: a person logs in and approves in a real browser, with its
// cookie rules, its Content-Security-Policy and no script, and lands at the client.
func TestBrowserFlow(t *testing.T) {
	s, site := oneProcess.suite(t), newClientSite(t, oneProcess.suite(t))
	f := s.Client(t, rig.Redirecting(site.redirect)).Flow().Push(t)
	b := chromium(t, s)
	b.open(f.URL())
	b.shows("login")
	b.shot("login")
	b.logIn("alice")
	b.shot("consent")
	b.do(chromedp.Click(chromedp.ID("approve")))
	b.shows("arrived")
	b.shot("arrived")

	answer, err := url.ParseQuery(b.text("arrived"))
	if err != nil {
		t.Fatal(err)
	}
	if answer.Get("code") == "" || answer.Get("state") != f.State || answer.Get("iss") != f.Issuer {
		t.Errorf("the client's page was told %v", answer)
	}
	f.Code = answer.Get("code")
	s.Secrets.Remember(t.Name(), "code", f.Code)
	f.Exchange(t)
}

// TestBrowserInteractionOfAnother is BAD-99: an attacker begins, and mails the
// address of the bank's page to a victim, who logs in and approves there. Neither
// browser gets a code: the victim's did not begin, the attacker's did not decide.
func TestBrowserInteractionOfAnother(t *testing.T) {
	s, site := oneProcess.suite(t), newClientSite(t, oneProcess.suite(t))
	f := s.Client(t, rig.Redirecting(site.redirect)).Flow().Push(t)
	attacker, victim := chromium(t, s), chromium(t, s)

	attacker.open(f.URL())
	attacker.shows("login")
	mailed := attacker.location()

	victim.open(mailed)
	victim.logIn("bob")
	victim.do(chromedp.Click(chromedp.ID("approve")))
	victim.shows("error")
	victim.shot("error at the server")
	if code := victim.text("error"); code != oauth.CodeInvalidRequest {
		t.Errorf("the victim sees the error %q", code)
	}

	attacker.do(chromedp.Reload())
	attacker.logIn("alice")
	attacker.do(chromedp.Click(chromedp.ID("approve"))) // bob has decided, and alice may not
	attacker.shows("error")
	attacker.shot("error at the bank")
	attacker.open(f.URL()) // a new interaction, which nobody has approved
	attacker.shows("approve")
	if calls := site.calls.Load(); calls != 0 {
		t.Errorf("the client's page was called %d times", calls)
	}
}
