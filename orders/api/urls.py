from rest_framework.routers import SimpleRouter

from .views import CustomerViewSet, MerchantViewSet, OrderViewSet, PaymentViewSet, ShipmentViewSet, WarehouseViewSet

router = SimpleRouter()
router.register("merchants", MerchantViewSet, basename="merchant")
router.register("customers", CustomerViewSet, basename="customer")
router.register("orders", OrderViewSet, basename="order")
router.register("payments", PaymentViewSet, basename="payment")
router.register("shipments", ShipmentViewSet, basename="shipment")
router.register("warehouses", WarehouseViewSet, basename="warehouse")

urlpatterns = router.urls
