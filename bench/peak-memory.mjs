// Says at the end how much memory the process had at most.
process.on('exit', () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}\n`))
