package npmexec

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// documentTime bounds one document, its body included: a registry may drip.
const documentTime = 5 * time.Second

// documentBytes bounds what is read of it. Of a larger one (some packages of npmjs.org
// have tens of megabytes) npm is asked for what is wanted alone.
const documentBytes = 16 << 20

// document asks the registry itself for one version, without npm and without a
// credential: a few milliseconds in place of the start of npm, past every cache, and
// with the registry's clock beside it. Only presence is an answer: what is not shown
// to a stranger may be there (a private package, a copy that is minutes old), and
// then npm is asked. ok is false where there is none.
func (p *probe) document() (this classify.Published, ok bool) {
	if len(p.flags) > 0 || p.detour() {
		return this, false
	}
	ctx, cancel := context.WithTimeout(p.ctx, documentTime)
	defer cancel()
	doc, clock := p.read(ctx)
	v := doc.Get("versions").Get(escapeKey(p.version))
	shasum, integrity := v.Get("dist.shasum").String(), v.Get("dist.integrity").String()
	if !v.IsObject() || shasum == "" && integrity == "" {
		return this, false
	}
	this = classify.Published{
		Found: classify.Yes, Shasum: shasum, Integrity: integrity, By: userName(v.Get("_npmUser")), GitHead: v.Get("gitHead").String(),
		Clock: clock, Asked: time.Now(),
	}
	this.At, _ = time.Parse(time.RFC3339, doc.Get("time").Get(escapeKey(p.version)).String()) // zero where it does not say
	return this, true
}

// Carries returns the version of a package that the registry holds with these bytes,
// "" where it shows none, or cannot be asked.
func (r *Runner) Carries(ctx context.Context, registry, name string, bytes npm.Contents) string {
	p := &probe{r: r, ctx: ctx, registry: registry, name: name}
	if !bytes.Known() || registry == "" || name == "" || p.detour() {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, documentTime)
	defer cancel()
	doc, _ := p.read(ctx)
	found := ""
	doc.Get("versions").ForEach(func(version, v gjson.Result) bool {
		same, known := bytes.Same(npm.Contents{Shasum: v.Get("dist.shasum").String(), Integrity: v.Get("dist.integrity").String()})
		if same && known {
			found = version.String()
		}
		return found == ""
	})
	return found
}

// detour tells whether the way to the registry is npm's business: a proxy, or
// certificates of one's own.
func (p *probe) detour() bool {
	keys := []string{"proxy", "https-proxy", "local-address"}
	if strings.HasPrefix(p.registry, "https:") {
		keys = append(keys, "ca", "cafile", "cert", "key", "strict-ssl")
	}
	return p.r.settings(p.r.Args).Mentions(keys...)
}

// read gets the full document: the short one, which npm asks for, has no times.
func (p *probe) read(ctx context.Context) (doc gjson.Result, clock time.Time) {
	u, err := url.Parse(strings.TrimRight(p.registry, "/") + "/" + strings.Replace(p.name, "/", "%2f", 1))
	if err != nil || u.User != nil {
		return doc, clock
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return doc, clock
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache")
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return doc, clock
	}
	defer answer.Body.Close() // it was only read
	text, err := io.ReadAll(io.LimitReader(answer.Body, documentBytes))
	if err != nil || answer.StatusCode != http.StatusOK || !gjson.ValidBytes(text) {
		return doc, clock
	}
	clock, _ = http.ParseTime(answer.Header.Get("Date")) // zero where there is none
	doc = gjson.ParseBytes(text)
	if doc.Get("name").String() != p.name {
		return gjson.Result{}, clock
	}
	return doc, clock
}

// escapeKey makes a key of what gjson would take for a path.
func escapeKey(key string) string {
	return strings.NewReplacer(".", `\.`, "*", `\*`, "?", `\?`, "|", `\|`, "#", `\#`, "@", `\@`).Replace(key)
}
