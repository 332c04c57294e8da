// Starts Verdaccio on a port that the system picks, prints the port, and ends
// when its input does: with the test process, however that ends.
const [home, config] = process.argv.slice(2)
const { runServer } = require(require.resolve('verdaccio', { paths: [home] }))

runServer(config).then(server => {
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port))
})
process.stdin.on('end', () => process.exit(0)).resume()
