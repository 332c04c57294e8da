package npmexec

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/runner/npmrc"
)

// limitTime bounds the one request that is not npm's.
const limitTime = 5 * time.Second

// limit asks how long a registry that answered 429 wants to be left alone. npm
// neither prints nor logs Retry-After (npm 12.2.0, npm-registry-fetch), so the
// package's own address is read once, without a login. Where a proxy is set the
// answer is npm's business, and nothing is asked.
func (p *probe) limit() func(*classify.Facts) {
	u, err := url.Parse(strings.TrimRight(p.registry, "/") + "/" + strings.Replace(p.name, "/", "%2f", 1))
	if err != nil || u.User != nil || p.proxied() {
		return nil
	}
	client := &http.Client{
		Timeout: limitTime, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil
	}
	answer.Body.Close() // only its header matters
	wait := retryAfter(answer.Header.Get("Retry-After"), time.Now())
	if answer.StatusCode != http.StatusTooManyRequests || wait <= 0 {
		return nil
	}
	return func(f *classify.Facts) {
		f.RetryAfter = wait
		note(f, "GET "+p.name, fmt.Sprintf("429, Retry-After: %.0f seconds", wait.Seconds()))
	}
}

func (p *probe) proxied() bool {
	config := p.r.Config(p.ctx, p.r.Args)
	for _, key := range []string{"proxy", "https-proxy"} {
		if v := config[key]; v != "" && v != "false" {
			return true
		}
	}
	for _, key := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "PROXY", "proxy"} {
		if npmrc.Getenv(p.r.Env, key) != "" {
			return true
		}
	}
	return false
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
