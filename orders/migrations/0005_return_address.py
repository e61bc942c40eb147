from django.db import migrations

import foundation.crypto


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_carrier_news")]

    operations = [
        migrations.AddField(
            model_name="warehouse",
            name="address",
            field=foundation.crypto.EncryptedTextField(blank=True, default="", verbose_name="return address"),
        ),
        migrations.AddField(
            model_name="warehouse",
            name="contact",
            field=foundation.crypto.EncryptedTextField(blank=True, default="", verbose_name="contact for returns"),
        ),
        migrations.AddField(
            model_name="warehouse",
            name="phone",
            field=foundation.crypto.EncryptedTextField(blank=True, default="", verbose_name="phone for returns"),
        ),
    ]
