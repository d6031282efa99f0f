void require('./nest-shop.cjs')(require('@willsoto/nestjs-prometheus'));
