package remedy

import "strings"

var withoutProvenance = Remedy{
	ID: "no-provenance", Usage: "no-provenance", Title: "publish without provenance", Safety: Ask, Lesser: true, Plan: unproven,
	Fixes: []string{"provenance-unavailable", "provenance-mismatch", "provenance-not-allowed", "provenance-failed", "refused"},
}

// unproven offers to publish without provenance. A statement that was made beforehand
// is given up by leaving its flag out: npm takes --provenance and --provenance-file
// never together (npm 11, @npmcli/config, lib/definitions/definitions.js: exclusive). A
// refusal in words that no row knows is helped where the words are of provenance
// ("Error verifying sigstore provenance bundle: Missing SourceRepositoryRef in signing
// certificate", npm/cli#8982).
func unproven(p *Problem) []Offer {
	other := p.Diagnosis.Cause.ID == "refused" && !strings.Contains(strings.ToLower(p.Diagnosis.Vars["reason"]), "provenance")
	if other || p.flag("provenance-file") != "" || p.flag("provenance") == "false" {
		return nil
	}
	d := p.Package.Draft()
	flags := p.set(d, "provenance", "false")
	return []Offer{p.edited(Offer{
		Title: "Publish without provenance", Safety: Ask,
		Lines: []string{"nobody can then check where and from which commit this version was built"},
	}, d, flags...)}
}
