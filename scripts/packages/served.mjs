/** Serves an app, sends requests to it, and prints the pages at the given paths. */
export async function served(app, paths, ...pages) {
  const server = app.listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const base = `http://127.0.0.1:${server.address().port}`;
  for (const path of paths) await (await fetch(base + path)).text();
  for (const path of pages) {
    const response = await fetch(base + path);
    const text = await response.text();
    console.log(path.endsWith('.json') ? `# JSON ${names(JSON.parse(text))}` : text);
  }
  process.exit();
}

/** The parts of metrics as JSON that are the same in every run: names, types, labels and fields. */
function names(metrics) {
  const of = ({ name, type, values, ...rest }) => [
    name,
    type,
    Object.keys(rest),
    values.map(({ labels, ...fields }) => [Object.entries(labels).sort(), Object.keys(fields)]),
  ];
  const own = metrics.filter(({ name }) => !/^(process|nodejs)_/.test(name));
  return JSON.stringify(own.map(of));
}
