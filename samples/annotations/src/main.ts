import { register } from 'promark';
import { Door, Library } from './library.js';

const library = new Library('Alexandria');
const poem = { title: 'Odyssey', pages: 541 };
const note = { title: 'Eureka', pages: 1 };

await library.order(poem);
await library.order(note);
library.lend(poem);
library.lend(note);
library.lend(note);
let close = () => {};
const evening = new Promise<void>((resolve) => {
  close = resolve;
});
const reading = library.read(poem, evening);
library.fine(3);
try {
  library.find('Hamlet');
} catch (error) {
  console.log(`${(error as Error).message}\n`);
}

const door = new Door();
door.open();
door.look();

console.log(await register.metrics());
close();
await reading;
