from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0003_published_stands")]

    operations = [
        migrations.AddField(
            model_name="articlefile",
            name="key",
            field=models.CharField(help_text="Random name in addresses and on disk.", max_length=32, unique=True),
            preserve_default=False,
        ),
    ]
