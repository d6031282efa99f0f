const { forms } = require('./forms.cjs');

console.log(JSON.stringify(forms()));
