package remedy

var withoutProvenance = Remedy{
	ID: "no-provenance", Usage: "no-provenance", Title: "publish without provenance", Safety: Ask, Lesser: true, Plan: unproven,
	Fixes: []string{"provenance-unavailable", "provenance-mismatch", "provenance-not-allowed", "provenance-failed"},
}

// unproven offers to publish without provenance. A statement that was made beforehand
// is given up by leaving its flag out: npm takes --provenance and --provenance-file
// never together (npm 11, @npmcli/config, lib/definitions/definitions.js: exclusive).
func unproven(p *Problem) []Offer {
	if p.flag("provenance-file") != "" {
		return nil
	}
	d := p.Package.Draft()
	flags := p.set(d, "provenance", "false")
	return []Offer{p.edited(Offer{
		Title: "Publish without provenance", Safety: Ask,
		Lines: []string{"nobody can then check where and from which commit this version was built"},
	}, d, flags...)}
}
