/** What these tests use of it is as in Express 5. */
declare module 'express-4' {
  import express from 'express';
  export default express;
}
