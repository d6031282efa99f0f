/** The parts that these tests use are the same as in Express 5. */
declare module 'express-4' {
  import express from 'express';
  export default express;
}
