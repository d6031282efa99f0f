void require('./nest-shop.cjs')(require('nestjs-prometheus'));
