import { forms } from './forms.mjs';

console.log(JSON.stringify(forms()));
