#!/usr/bin/env node
// Hands over to the safepublish of this system, which npm installs beside this package.
'use strict'

const { accessSync, constants } = require('fs')
const windows = process.platform === 'win32'
const system = `${process.platform}-${process.arch}`
const args = process.argv.slice(2)

function fail (reason) {
  console.error(`safepublish: ${reason}`)
  process.exit(127) // what a shell ends with where it finds no program
}

function find () {
  const wanted = `@safepublish/${system}`
  try {
    return require.resolve(`${wanted}/bin/safepublish${windows ? '.exe' : ''}`)
  } catch (_) {
    const { optionalDependencies } = require('../package.json')
    return fail(wanted in optionalDependencies
      ? `install again without --omit=optional: ${wanted} is missing; where the lockfile was made on another system, delete it and node_modules first`
      : `there is no build for ${system}, only ${Object.keys(optionalDependencies).join(', ')}`)
  }
}

function startable (program) {
  try {
    accessSync(program, constants.X_OK)
    return true
  } catch (_) {
    return false // execve would abort node: spawn says why
  }
}

// wait runs the program and ends as it does. Its streams are ours, and so are ^C, ^\ and ^Z,
// which a keyboard sends to both; on Windows every signal is like that.
function wait (program) {
  const keyboard = [0, 1, 2].some(require('tty').isatty) ? ['SIGINT', 'SIGQUIT'] : []
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2']) {
    process.on(signal, () => windows || keyboard.includes(signal) || child.kill(signal))
  }
  const child = require('child_process').spawn(program, args, { stdio: 'inherit' })
  child.on('error', error => fail(`the program does not start: ${error.message}`))
  child.on('exit', (status, signal) => {
    if (!signal) process.exit(status)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

const program = find()
// With execve (node 22.15 and later) this process becomes the program, before node says that
// this is experimental.
if (process.execve && !windows && startable(program)) process.execve(program, [program, ...args])
wait(program)
