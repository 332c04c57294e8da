package logs

import (
	"strings"

	"safepublish/classify/pattern"
)

// sentence is what a registry or npm says of one kind of refusal, in lower case, and
// the status or code that comes with it, for clients that leave it out. Alone, with no
// word of a client around it, such a sentence is the last resort.
type sentence struct {
	text   string
	code   string
	status int
}

var sentences = []sentence{
	{"must sign up for private packages", "E402", 402},
	{"previously staged version", "E409", 409},
	{"cannot stage previously published version", "E409", 409},
	{"cannot publish over existing version", "E409", 409},
	{"failed to save packument", "E409", 409},
	{"publish over the previously published version", "E403", 403},
	{"publish over previously published version", "E400", 400},
	{"do not have permission to publish", "E403", 403},
	{"package name too similar to existing package", "E403", 403},
	{"cannot be republished until 24 hours", "E403", 403},
	{"oidc permission denied", "E403", 403},
	{"may not perform that action with these credentials", "E403", 403},
	{"with bypass 2fa enabled is required to publish", "E403", 403},
	{"package name triggered spam detection", "E403", 403},
	{"verify your email before publishing", "E403", 403},
	{"an automation token was specified", "E403", 403},
	{"requires a one-time password", "EOTP", 401},
	{"must provide a one-time pass", "EOTP", 401},
	{"must be logged in to publish packages", "E401", 401},
	{"error verifying sigstore provenance bundle", "E422", 422},
	{"rate limited exceeded", "E429", 429},
	{"this package has been marked as private", "EPRIVATE", 0},
	{"requires you to be logged in to http", "ENEEDAUTH", 0},
	{"must specify a tag using --tag when publishing", "", 0},
	{"cannot implicitly apply the", "", 0},
	{"tag name must not be a valid semver range", "", 0},
}

// phrases are what clients print behind an address for a status that they leave out,
// and what a broken connection is called (node's codes, bun's names).
var phrases = []sentence{
	{": not found", "E404", 404},
	{": forbidden", "E403", 403},
	{": unauthorized", "E401", 401},
	{": payment required", "E402", 402},
	{": conflict", "E409", 409},
	{"connectionrefused", "ECONNREFUSED", 0},
	{"connectionclosed", "ECONNRESET", 0},
	{"socket hang up", "ECONNRESET", 0},
	{"failedtoopensocket", "FETCH_ERROR", 0},
	{"timeout: failed to publish", "ETIMEDOUT", 0},
	{"certificate has expired", "CERT_HAS_EXPIRED", 0},
	{"certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN", 0},
	{"unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", 0},
	{"unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", 0},
}

// codeWord is a code of node's or npm's within a sentence, of a connection or its
// certificate or of an answer: "request to URL failed, reason: ESOCKETTIMEDOUT" (node,
// lib/internal/errors.js and OpenSSL's names in src/crypto/crypto_common.cc).
var codeWord = pattern.New(`\b(?:E[45]\d\d|EOTP|ENEEDAUTH|ESOCKETTIMEDOUT|ETIMEDOUT|ECONN[A-Z]+|ENOTFOUND|EAI_[A-Z]+|EPIPE|EPROTO|` +
	`EHOST[A-Z]+|ENET[A-Z]+|(?:ERR_(?:SOCKET|TLS|SSL)|UND_ERR|HPE|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_[A-Z0-9_]+)\b`)

// findSentence returns what a sentence alone tells of status and code, nil for nothing.
func findSentence(text string) *sentence {
	low := strings.ToLower(text)
	if s := within(low, sentences); s != nil {
		return s
	}
	if code := codeWord.FindString(text); code != "" {
		return &sentence{text: low, code: code, status: statusOf(code[1:])}
	}
	return within(low, phrases)
}

func within(low string, list []sentence) *sentence {
	for i := range list {
		if strings.Contains(low, list[i].text) {
			return &list[i]
		}
	}
	return nil
}
