// Reads argument lists as JSON and prints what the given npm's own parser makes
// of each: its values as text, and the words that are no flags. What nopt would
// drop as invalid is kept.
'use strict'
const path = require('path')
const npm = process.argv[2]
const load = (...names) => {
  for (const name of names) {
    try { return require(path.join(npm, name)) } catch (e) { if (e.code !== 'MODULE_NOT_FOUND') throw e }
  }
  throw new Error('none of ' + names + ' in ' + npm)
}
const nopt = load('node_modules/nopt')
const config = load('node_modules/@npmcli/config/lib/definitions', 'lib/utils/config', 'lib/config/defaults')
const types = config.types || Object.fromEntries(Object.entries(config.definitions).map(([k, d]) => [k, d.type]))

const keep = (data, key, value) => { data[key] = value }
nopt.typeDefs = Object.fromEntries(['String', 'Boolean', 'Number', 'Array']
  .map(name => [name, { type: global[name], validate: keep }]))
for (const type of Object.values(types).flat()) {
  if (type && (typeof type === 'object' || typeof type === 'function') && ![String, Boolean, Number, Array].includes(type)) {
    nopt.typeDefs['other' + Object.keys(nopt.typeDefs).length] = { type, validate: keep }
  }
}

const parse = args => {
  const values = {}
  const add = (key, value) => { (values[key] = values[key] || []).push(...[].concat(value).map(String)) }
  nopt.invalidHandler = add
  const { argv, ...parsed } = nopt(types, config.shorthands, args.slice(), 0)
  for (const key of Object.keys(parsed)) add(key, parsed[key])
  return { values, specs: argv.remain }
}
const lists = JSON.parse(require('fs').readFileSync(0))
console.log(JSON.stringify(lists.map(parse)))
