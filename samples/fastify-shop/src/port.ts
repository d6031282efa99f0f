/** Reads a port from an environment variable. Ends the program if the variable is not a port. */
export function portFrom(variable: string, fallback: number): number {
  const given = process.env[variable] ?? fallback;
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  console.error(`${variable} must be a whole number from 0 to 65535, got "${given}".`);
  process.exit(2);
}
