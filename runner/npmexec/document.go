package npmexec

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// documentTime bounds one document, its body included: a registry may drip.
const documentTime = 5 * time.Second

// documentBytes bounds what is read of it. Of a larger one (some packages of npmjs.org
// have tens of megabytes) npm is asked for what is wanted alone.
const documentBytes = 16 << 20

// document is what the registry itself shows a stranger of a package, without npm and
// without a credential: a few milliseconds in place of the start of npm, past every cache,
// and with the registry's clock beside it. Only presence is an answer: what is not shown to
// a stranger may be there (a private package, a copy that is minutes old), and then npm is
// asked.
type document struct {
	gjson.Result
	status int       // of the answer, 0 where none came
	clock  time.Time // the registry's, zero if unknown
}

// askDocument gets the full document: the short one, which npm asks for, has no times. It
// does not exist where none came.
func (p *probe) askDocument() (doc document) {
	status, header, text := p.get()
	doc.status = status
	if status != http.StatusOK || !gjson.ValidBytes(text) {
		return doc
	}
	doc.clock, _ = http.ParseTime(header.Get("Date")) // zero where there is none
	if whole := gjson.ParseBytes(text); whole.Get("name").String() == p.name {
		doc.Result = whole
	}
	return doc
}

// has tells whether the document shows a version.
func (d document) has(version string) bool {
	return version != "" && d.Get("versions").Get(gjson.Escape(version)).IsObject()
}

// shows returns what the document has of one version.
func (d document) shows(version string) (this classify.RemoteVersion, ok bool) {
	this, ok = readVersion(d.Get("versions").Get(gjson.Escape(version)), d.Get("time"), version)
	this.Clock = d.clock
	return this, ok
}

// VersionWith returns the version of a package that the registry holds with these bytes,
// "" where it shows none, or cannot be asked.
func (n *NPM) VersionWith(ctx context.Context, registry, name string, bytes npm.Contents) string {
	if !bytes.Known() || registry == "" || name == "" {
		return ""
	}
	found := ""
	n.probe(ctx, registry, name, "").document().Get("versions").ForEach(func(version, v gjson.Result) bool {
		if bytes.Is(sums(v.Get("dist"))) {
			found = version.String()
		}
		return found == ""
	})
	return found
}

// detour tells whether the way to the registry is npm's business: a proxy, an address
// or certificates of one's own. npm does not list a proxy with a password (npm 12.2.0,
// lib/commands/config.js, isPrivate), and lists null where nothing is set.
func (p *probe) detour() bool {
	keys := []string{"proxy", "https-proxy", "local-address"}
	if strings.HasPrefix(p.registry, "https:") {
		keys = append(keys, "ca", "cafile", "cert", "key", "strict-ssl")
	}
	config := p.npm.Config(p.ctx, p.npm.Args)
	for _, key := range keys {
		usual := "false"
		if key == "strict-ssl" {
			usual = "true"
		}
		if value, listed := config[key]; !listed || value != "" && value != usual {
			return true
		}
	}
	return slices.ContainsFunc([]string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "PROXY"}, func(name string) bool {
		return npmrc.Getenv(p.npm.Env, name) != "" || npmrc.Getenv(p.npm.Env, strings.ToLower(name)) != ""
	})
}

// get reads the package's own address at the registry, without npm and without a
// credential. The status is 0 where no answer came, or where the way is npm's business;
// the text is nil where it is not whole.
func (p *probe) get() (status int, header http.Header, text []byte) {
	if p.detour() {
		return 0, nil, nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, documentTime)
	defer cancel()
	u, err := url.Parse(strings.TrimRight(p.registry, "/") + "/" + strings.Replace(p.name, "/", "%2f", 1))
	if err != nil || u.User != nil {
		return 0, nil, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return 0, nil, nil
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache")
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, nil
	}
	defer answer.Body.Close() // it was only read
	if text, err = io.ReadAll(io.LimitReader(answer.Body, documentBytes)); err != nil {
		text = nil
	}
	return answer.StatusCode, answer.Header, text
}

// limit asks how long a registry that answered 429 wants to be left alone. npm
// neither prints nor logs Retry-After (npm 12.2.0, npm-registry-fetch).
func (p *probe) limit(f *classify.Answers) classify.Asked {
	status, header, _ := p.get()
	wait := retryAfter(header.Get("Retry-After"), time.Now())
	if status != http.StatusTooManyRequests || wait <= 0 {
		return nothing
	}
	f.RetryAfter = wait
	return classify.Asked{From: "GET " + p.name, Text: fmt.Sprintf("429, Retry-After: %.0f seconds", wait.Seconds())}
}

// retryAfter reads the header: seconds, or a date (RFC 9110, 10.2.3). It is 0 for
// anything else, and rounded up to whole seconds.
func retryAfter(header string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(header); err == nil {
		return time.Duration(max(s, 0)) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil || at.Before(now) {
		return 0
	}
	return at.Sub(now).Truncate(time.Second) + time.Second
}
