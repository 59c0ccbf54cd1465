// A document of receiptline on standard input, as bytes for a printer or as plain text: node job.js escpos|text
const fs = require('fs');
const receiptline = require('receiptline');
const command = process.argv[2];
const made = receiptline.transform(fs.readFileSync(0, 'utf8'), { cpl: 48, encoding: 'gb18030', command, cutting: true });
process.stdout.write(Buffer.from(made, command === 'escpos' ? 'latin1' : 'utf8'));
